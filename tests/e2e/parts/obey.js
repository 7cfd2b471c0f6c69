// A program's commands by JSON: one command a line on stdin, one answer a line on stdout.
const readline = require('node:readline');

async function obey(commands, line) {
  const { command, ...rest } = JSON.parse(line);
  try {
    return { value: await commands[command](rest) };
  } catch (error) {
    return { error: String(error) };
  }
}

// Until stdin ends.
module.exports = async function obeyEach(commands) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await obey(commands, line))}\n`);
  }
};
