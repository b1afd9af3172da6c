/**
 * Mocha's reporter for all levels. It prints one line a suite and whole reports of failures, and writes what happened to
 * the file that STRATA_COUNTS names, so that `npm test` can add up the levels.
 * A test that is skipped without a reason counts as failed: nothing goes missing silently.
 */
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_RUN_END, EVENT_SUITE_END } = Runner.constants;

/** The reason of a test or of the nearest suite around it that has one. */
function reasonOf(item) {
  return item ? (item.skipReason ?? reasonOf(item.parent)) : undefined;
}

class CountingReporter {
  constructor(runner) {
    this.counts = { passed: 0, failed: 0, skipped: [], failures: [] };
    this.ofSuite = { passed: 0, ms: 0 };
    runner.on(EVENT_TEST_PASS, (test) => this.pass(test));
    runner.on(EVENT_TEST_FAIL, (test, error) => this.fail(test.fullTitle(), error));
    runner.on(EVENT_TEST_PENDING, (test) => this.skip(test));
    runner.on(EVENT_SUITE_END, (suite) => this.endSuite(suite));
    runner.on(EVENT_RUN_END, () => this.end());
  }

  pass(test) {
    this.counts.passed += 1;
    this.ofSuite.passed += 1;
    this.ofSuite.ms += test.duration ?? 0;
  }

  fail(title, error) {
    this.counts.failed += 1;
    const text =
      error.stack && error.stack.includes(error.message) ? error.stack : `${error.message}\n${error.stack ?? ''}`;
    this.counts.failures.push({ title, error: text });
    console.log(`  FAILED ${title}\n${this.difference(error)}${text.replace(/^/gm, '    ')}`);
  }

  difference(error) {
    if (typeof error.actual !== 'string' || typeof error.expected !== 'string') return '';
    return `${reporters.Base.generateDiff(error.actual, error.expected).replace(/^/gm, '    ')}\n`;
  }

  skip(test) {
    const reason = reasonOf(test);
    if (!reason)
      return this.fail(test.fullTitle(), new Error('This test is skipped without a reason: say one with skip().'));
    this.counts.skipped.push({ title: test.fullTitle(), reason });
    console.log(`  SKIPPED ${test.fullTitle()}: ${reason}`);
  }

  endSuite(suite) {
    if (!suite.parent?.root || this.ofSuite.passed === 0) return;
    console.log(`  ${suite.title}: ${this.ofSuite.passed} passed (${Math.round(this.ofSuite.ms)} ms)`);
    this.ofSuite = { passed: 0, ms: 0 };
  }

  end() {
    if (process.env.STRATA_COUNTS) writeFileSync(process.env.STRATA_COUNTS, JSON.stringify(this.counts));
    console.log(
      `  ${this.counts.passed} passed, ${this.counts.failed} failed, ${this.counts.skipped.length} skipped here`,
    );
  }
}

module.exports = CountingReporter;
