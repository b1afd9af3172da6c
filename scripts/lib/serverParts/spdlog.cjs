/**
 * Stands in for the compiled `@vscode/spdlog` inside VS Code's server, which npm brings without its binary.
 * It writes log files with Node's own means, so that output channels of kind "log" hold their lines.
 */
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'off'];
const printed = { warn: 'warning' };
const flushAfterMs = 100;

class Logger {
  #file;
  #level = 2;
  #withHead = true;
  #waiting = '';
  #timer;

  constructor(_kind, _name, file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const [number, name] of levels.entries()) this[name] = (message) => this.#write(number, message);
  }

  #write(number, message) {
    if (number < this.#level) return;
    const time = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
    const head = `${time.slice(0, 23).replace('T', ' ')} [${printed[levels[number]] ?? levels[number]}] `;
    this.#waiting += this.#withHead ? `${head}${message}\n` : message;
    this.#timer ??= setTimeout(() => this.flush(), flushAfterMs).unref();
  }

  getLevel() {
    return this.#level;
  }

  setLevel(level) {
    this.#level = level;
  }

  setPattern() {
    this.#withHead = true;
  }

  clearFormatters() {
    this.#withHead = false;
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#waiting) return;
    const text = this.#waiting;
    this.#waiting = '';
    try {
      appendFileSync(this.#file, text);
    } catch {
      return; // The log folder was removed while the server ran: there is nowhere to say so.
    }
  }

  drop() {
    this.flush();
  }
}

const create = async (name, file) => new Logger('rotating', name, file);

exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
