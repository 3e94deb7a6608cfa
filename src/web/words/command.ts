/** A step of an image's history as it stood in the Dockerfile, as far as that can be told. */
export function command(createdBy: string): string {
  const text = createdBy.trim();
  const quiet = /^\/bin\/sh -c #\(nop\)\s+/;
  if (quiet.test(text)) return text.replace(quiet, "");
  const shell = /^(RUN\s+)?(\/bin\/(ba)?sh -c )/;
  const step = shell.test(text) ? text.replace(shell, "RUN ") : text;
  return step.replace(/\s*# buildkit$/, "");
}
