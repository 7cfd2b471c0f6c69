// Looks at pages in one Chromium for a test: how they lie, read and behave.
const { chromium } = require('playwright-core');
const obeyEach = require('../parts/obey.js');
const { measure } = require('./measure.js');

const pages = new Map();
let browser = null;

function shortly(error) {
  return String(error).split('\n')[0];
}

const commands = {
  async start({ executable, args }) {
    browser = await chromium.launch({ executablePath: executable, args, chromiumSandbox: false });
    return browser.version();
  },
  // What the page and the browser complain of is kept for complaints().
  async open({ page: name, url, width, height, agent, dark, touch }) {
    const context = await browser.newContext({
      viewport: { width, height }, userAgent: agent || undefined, colorScheme: dark ? 'dark' : 'light',
      isMobile: touch, hasTouch: touch, deviceScaleFactor: touch ? 2 : 1, javaScriptEnabled: false });
    const page = await context.newPage();
    const complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    pages.set(name, { page, complaints, requests });
    return (await page.goto(url)).status();
  },
  complaints: ({ page }) => pages.get(page).complaints,
  requests: ({ page }) => pages.get(page).requests,
  measure: ({ page }) => pages.get(page).page.evaluate(measure),
  press: ({ page, selector }) => pages.get(page).page.click(selector),
  async type({ page, keys }) {
    for (const key of keys) await pages.get(page).page.keyboard.press(key);
    return pages.get(page).page.evaluate(() => document.activeElement.textContent.trim());
  },
  shot: ({ page, path, selector }) => (selector
    ? pages.get(page).page.locator(selector).screenshot({ path })
    : pages.get(page).page.screenshot({ path, fullPage: true })).then(() => path),
  // The status of what a bare tab shows at an https address, or why it shows nothing.
  async visit({ url }) {
    const context = await browser.newContext();
    try {
      return (await (await context.newPage()).goto(url)).status();
    } catch (error) {
      return shortly(error);
    } finally {
      await context.close();
    }
  },
};

async function main() {
  await obeyEach(commands);
  if (browser) await browser.close();
}

main();
