/** Longer records are no detections. */
export const maxLineBytes = 8 * 1024 * 1024

export const keptOfLongBytes = 64 * 1024
