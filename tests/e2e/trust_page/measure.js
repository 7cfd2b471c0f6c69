// Runs inside a page, so it stands alone: what a reader meets there.
exports.measure = () => {
  const visible = (element) => element.checkVisibility && element.checkVisibility();
  const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const luminance = (colour) => {
    const linear = numbers(colour).slice(0, 3).map((part) => {
      const value = part / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      const alpha = numbers(colour)[3];
      if (alpha === undefined || alpha === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  // WCAG 2.2, 1.4.3
  const contrast = (element) => {
    const [light, dark] = [luminance(getComputedStyle(element).color), luminance(ground(element))]
      .sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const all = [...document.body.querySelectorAll('*')].filter(visible);
  const ownText = (element) => [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent.trim()).join('');
  const texts = all.filter((element) => ownText(element) && !element.closest('svg'));
  const wide = document.documentElement.clientWidth;
  const scrolls = (element) => element.closest('pre') !== null;
  const boxes = (selector) => all.filter((element) => element.matches(selector))
    .map((element) => element.getBoundingClientRect());
  return {
    title: document.title,
    lang: document.documentElement.lang,
    scrollWidth: document.documentElement.scrollWidth,
    clientWidth: wide,
    outside: all.filter((element) => !scrolls(element) && element.getBoundingClientRect().right > wide + 0.5)
      .map((element) => element.outerHTML.slice(0, 80)),
    faint: texts.filter((element) => contrast(element) < 4.5)
      .map((element) => `${contrast(element).toFixed(2)} ${element.outerHTML.slice(0, 80)}`),
    small: texts.filter((element) => parseFloat(getComputedStyle(element).fontSize) < 12)
      .map((element) => element.outerHTML.slice(0, 80)),
    headings: [...document.querySelectorAll('h1, h2, h3, h4')].map((each) => Number(each.tagName[1])),
    systems: [...document.querySelectorAll('details')].map((each) => each.id),
    open: [...document.querySelectorAll('details[open]')].map((each) => each.id),
    links: [...document.querySelectorAll('a')].map((each) => each.getAttribute('href')),
    ids: [...document.querySelectorAll('[id]')].map((each) => each.id),
    button: document.querySelector('.button').getAttribute('href'),
    touched: boxes('summary, .button').map((box) => Math.min(box.width, box.height)),
    text: document.body.innerText,
  };
};
