/** Who does what a command asks for: an operator who gives no name is this machine's user. */
export const whoDoes = async <Whose extends { readonly by?: string | undefined }>({ by, ...rest }: Whose) => ({
  by: by ?? (await import('./ingest-files.ts')).operator.name,
  ...rest,
})
