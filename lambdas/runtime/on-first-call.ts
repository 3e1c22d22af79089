/**
 * Opens on first use, so that tests can import a function's module without its environment. Retries after a failure.
 */
export const onFirstCall = <Opened>(open: () => Opened): (() => Opened) => {
  let opened: { readonly value: Opened } | undefined
  return () => {
    opened ??= { value: open() }
    return opened.value
  }
}
