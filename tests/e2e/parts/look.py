"""Pages looked at in a real Chromium, at any width, in light and dark, without scripts."""

from parts.browser import Browser
from parts.installed import HERE


class Looker(Browser):
    DRIVER = HERE / "trust_page" / "look.js"

    def page(self, name, url, *, width=1280, height=900, agent=None, dark=False, touch=False):
        """A page of its own, opened."""
        status = self.ask("open", page=name, url=url, width=width, height=height, agent=agent, dark=dark,
                          touch=touch)
        assert status == 200, status
        return Page(self, name)

    def visit(self, url):
        """The status of an https page, or Chromium's word for why there is none."""
        return self.ask("visit", url=url)


class Page:
    def __init__(self, browser, name):
        self.browser, self.name = browser, name

    def __getattr__(self, command):
        """page.measure(), page.press(selector=…), page.shot(path=…): the commands of look.js."""
        return lambda **rest: self.browser.ask(command, page=self.name, **rest)
