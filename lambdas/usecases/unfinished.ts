/**
 * The time was over and part of the work is done: the same message, sent again, does the rest. It is no failed try.
 */
export class UnfinishedError extends Error {
  override name = 'UnfinishedError'
}
