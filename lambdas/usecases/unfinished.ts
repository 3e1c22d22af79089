/** Time ran out: sending the same message again does the rest. Not a failed attempt. */
export class UnfinishedError extends Error {
  override name = 'UnfinishedError'
}
