// Drives one Chromium with softphones for a test.
const { chromium } = require('playwright-core');
const obeyEach = require('../parts/obey.js');

const pages = new Map();
let browser = null;

const commands = {
  async start({ executable, args }) {
    browser = await chromium.launch({ executablePath: executable, args, chromiumSandbox: false });
    return browser.version();
  },
  // A context of its own for each page: no connection and no TLS session is shared between them.
  async open({ page: name, url }) {
    const context = await browser.newContext({ permissions: ['microphone'] });
    const page = await context.newPage();
    page.on('console', (message) => process.stderr.write(`${name}: ${message.text()}\n`));
    page.on('pageerror', (error) => process.stderr.write(`${name}: ${error}\n`));
    pages.set(name, page);
    const response = await page.goto(url);
    return { status: response.status(), certificate: await response.securityDetails() };
  },
  call: ({ page, method, args }) => pages.get(page).evaluate(
    ([m, a]) => window.phone[m](...a), [method, args]),
  // Waits, in the page, until a member of phone.state() has the value.
  until: async ({ page, member, value }) => {
    await pages.get(page).waitForFunction(
      ([m, v]) => window.phone.state()[m] === v, [member, value], { timeout: 15000, polling: 50 });
    return pages.get(page).evaluate(() => window.phone.state());
  },
};

async function main() {
  await obeyEach(commands);
  if (browser) await browser.close();
}

main();
