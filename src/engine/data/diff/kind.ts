/** What kind of thing a file is, from its name and its first bytes: decides how two versions are shown. Pure. */

import { extname } from '../../../base/paths';

/** Kinds of content. */
export type ContentKind = 'table' | 'text' | 'image' | 'model' | 'binary';

const IMAGES = new Set('.png .jpg .jpeg .gif .webp .bmp .svg .avif .ico'.split(' '));
const MODELS = new Set(
  '.safetensors .onnx .pt .pth .ckpt .h5 .hdf5 .keras .pkl .pickle .joblib .gguf .tflite .pb .mlmodel .bin'.split(' '),
);

/** How many bytes are looked at. */
export const SNIFF_BYTES = 8192;

/** The kind of a file; `head` are its first {@link SNIFF_BYTES} bytes. Names decide first: a model is never read (reliability §5.11). */
export function contentKind(path: string, head: Uint8Array): ContentKind {
  const ending = extname(path);
  if (IMAGES.has(ending)) return 'image';
  if (MODELS.has(ending)) return 'model';
  if (!isText(head)) return 'binary';
  return ending === '.csv' || ending === '.tsv' ? 'table' : 'text';
}

/** Text is UTF-8 without NUL; a character cut at the end of the head is fine. */
function isText(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
