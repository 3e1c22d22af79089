/** The parts of dynalite 4.0.0 that the laptop's database calls: the package has no types of its own. */

declare module 'dynalite/db/index.js' {
  /** Opens at once and in the background; `db.open()` waits for it and reports its failure. */
  export function create(options: {
    path: string
    createTableMs: number
    deleteTableMs: number
    updateTableMs: number
  }): import('./database.ts').DynaliteStore
}

declare module 'dynalite/validations/index.js' {
  export function checkTypes(input: unknown, types: object): object
  export function checkValidations(
    input: object,
    types: object,
    custom: unknown,
    store: import('./database.ts').DynaliteStore,
  ): void
}
