/** Why an action on a detection is refused: nothing active is stored under its id. */

export type NotActive = {
  readonly code: 'unknown' | 'candidate' | 'withdrawn' | 'undone'
  readonly path: 'id'
  /** The reason is that of the withdrawal or the undoing. */
  readonly values: { readonly id: string; readonly reason?: string }
}

export const notActive = (code: NotActive['code'], id: string, reason?: string): NotActive => ({
  code,
  path: 'id',
  values: { id, ...(reason !== undefined && { reason }) },
})

/** Follows the id, or the name of its field. */
export const describeNotActive = ({ code, values: { reason = '–' } }: NotActive): string => {
  switch (code) {
    case 'unknown':
      return 'names no stored detection: look the id up in a report'
    case 'candidate':
      return 'names a candidate, which is no detection: sign it first'
    case 'withdrawn':
      return `was withdrawn (${reason}): nothing of it can be changed`
    case 'undone':
      return `is stored no more (${reason}): send its record again first`
  }
}

export class NotActiveError extends Error {
  override name = 'NotActiveError'
  readonly fault: NotActive

  constructor(fault: NotActive) {
    super(`${fault.code === 'unknown' ? JSON.stringify(fault.values.id) : fault.values.id} ${describeNotActive(fault)}`)
    this.fault = fault
  }
}
