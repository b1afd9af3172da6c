/**
 * Stands in for the compiled `@vscode/native-watchdog` inside VS Code's server: ends the extension host when the
 * process that started it is gone.
 */
const everyMs = 3000;

exports.start = (pid) => {
  setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (error.code === 'ESRCH') process.exit(87);
    }
  }, everyMs).unref();
};

exports.exit = (code) => process.exit(code || 0);
