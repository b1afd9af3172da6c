/** Skipping a test with its reason, which the closing report prints. Under CI nothing may be skipped. */
import { Hook, type Context, type Runnable } from 'mocha';

/** Ends the running test, or the tests below a running hook, as skipped for `reason`; throws under CI. */
export function skip(context: Context, reason: string): never {
  if (process.env['CI']) throw new Error(`May not be skipped under CI: ${reason}`);
  const running: Runnable | undefined = context.test ?? context.currentTest;
  if (!running) throw new Error('skip() belongs into a running test or hook.');
  const named: object | undefined = running instanceof Hook ? running.parent : running;
  if (named) Object.assign(named, { skipReason: reason });
  return context.skip();
}
