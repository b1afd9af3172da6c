/** Less is better for these, more for those. */

import assert from 'node:assert/strict';
import { goalOf } from '../../../src/engine/metrics/goal';

describe('metrics: which way is better', () => {
  const less = [
    'loss',
    'val_loss',
    'train.loss',
    'log_loss',
    'logLoss',
    'latency_ms',
    'rmse',
    'val/mae',
    'error_rate',
    'WER',
    'inferenceTime',
    'fid',
  ];
  const more = [
    'accuracy',
    'f1',
    'auc',
    'mAP50',
    'glossary',
    'terror_score',
    'r2',
    'sometimes',
    'params_ok_rate_x'.replace('params_', ''),
  ];
  for (const name of less) it(`${name}: less`, () => assert.equal(goalOf(name), 'min'));
  for (const name of more) it(`${name}: more`, () => assert.equal(goalOf(name), 'max'));
});
