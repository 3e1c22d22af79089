/**
 * Opens something when it is first asked for, and keeps it: a module of a function reads nothing from its environment
 * when it is imported, so that a test can import it. Where opening fails, the next call tries again.
 */
export const onFirstCall = <Opened>(open: () => Opened): (() => Opened) => {
  let opened: { readonly value: Opened } | undefined
  return () => {
    opened ??= { value: open() }
    return opened.value
  }
}
