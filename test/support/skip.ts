/** Skipping a test with its reason, which the closing report prints. Under CI nothing may be skipped. */
import type { Context } from 'mocha';

/** Ends the running test, or the tests below a running hook, as skipped for `reason`; throws under CI. */
export function skip(context: Context, reason: string): never {
  if (process.env['CI']) throw new Error(`May not be skipped under CI: ${reason}`);
  const running = (context.test ?? context.currentTest) as {
    type: string;
    skipReason?: string;
    parent?: { skipReason?: string };
  };
  if (running.type === 'hook' && running.parent) running.parent.skipReason = reason;
  else running.skipReason = reason;
  return context.skip();
}
