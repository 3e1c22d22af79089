/** What this repository uses of MJML, which ships no types. */
declare module 'mjml' {
  export type MjmlError = { readonly formattedMessage: string }
  export type MjmlOptions = {
    readonly validationLevel?: 'strict' | 'soft' | 'skip'
    readonly fonts?: Readonly<Record<string, string>>
    readonly keepComments?: boolean
  }
  export default function mjml2html(
    source: string,
    options?: MjmlOptions,
  ): Promise<{ readonly html: string; readonly errors: readonly MjmlError[] }>
}
