/** Texts that a repository could hold to break out of a text slot. A page shows each as it is. */

/** One string a line of attack, short enough to sit together in one slot. */
export const HOSTILE: readonly string[] = [
  '<script>window.broken=1</script>',
  '</script><script>window.broken=1</script>',
  '<img src=x onerror="window.broken=1">',
  '<svg onload=window.broken=1>',
  '"><b onmouseover=window.broken=1>x</b>',
  "' onfocus='window.broken=1' autofocus='",
  '<iframe srcdoc="<script>parent.broken=1</script>">',
  '<a href="javascript:window.broken=1">x</a>',
  '[x](command:workbench.action.closeWindow)',
  'javascript:window.broken=1',
  '{{constructor.constructor("window.broken=1")()}}',
  '${window.broken=1}',
  '<style>*{display:none}</style>',
  '<!-- x',
  '&lt;b&gt;&#x3c;',
  '__proto__',
  'constructor',
];

/** All of them as one text. */
export const HOSTILE_TEXT = HOSTILE.join(' ');
