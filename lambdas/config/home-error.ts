/** The data folder cannot be used. */
export class HomeError extends Error {
  override name = 'HomeError'
  readonly cannot: string
  readonly repair: string

  constructor(cannot: string, repair: string, options?: ErrorOptions) {
    super(`${cannot}: ${repair}`, options)
    this.cannot = cannot
    this.repair = repair
  }
}
