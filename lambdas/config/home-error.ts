/** The home cannot be used; the message says why and what to do. */
export class HomeError extends Error {
  override name = 'HomeError'
}
