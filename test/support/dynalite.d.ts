/** dynalite's server, as the tests start it: the package has no types of its own. */
declare module 'dynalite' {
  export default function dynalite(options: {
    path?: string
    createTableMs: number
    deleteTableMs: number
    maxItemSizeKb?: number
  }): import('node:http').Server
}
