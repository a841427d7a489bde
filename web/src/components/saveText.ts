/** Hands a text to the browser as a file. */
export function saveText(text: string, name: string, type: string): void {
  saveBlob(new Blob([text], { type }), name);
}

/** Hands a file to the browser. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A title as the beginning of a file's name. */
export function fileName(title: string): string {
  return title.trim().replace(/[^\w.-]+/g, "-") || "oriel";
}
