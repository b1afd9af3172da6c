/** Whether less or more of a metric is better, from its name, where nobody has declared it. */

const LESS =
  /(^|[^a-z])(loss|error|err|mse|rmse|mae|mape|nll|brier|perplexity|ppl|wer|cer|fid|latency|time|seconds|secs|ms|size|bytes|params|memory|fpr|fnr|regret|cost|drift|divergence|kl)($|[^a-z])/;

/** `min` for names that speak of losses, errors, times and sizes (`val_loss`, `latency_ms`, `logLoss`), else `max`. */
export function goalOf(metric: string): 'max' | 'min' {
  const words = metric.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return LESS.test(words) || /(loss|error)$/.test(words) ? 'min' : 'max';
}
