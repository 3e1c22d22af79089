import { fault, type Fault, faultAt, messageOfFault, quoted, type Reason } from '../../core/fault.ts'

export type NotActive = {
  readonly code: 'unknown' | 'candidate' | 'withdrawn' | 'undone'
  readonly path: 'id'
  readonly values: { readonly id: string; readonly reason?: Reason }
}

export const notActive = (code: NotActive['code'], id: string, reason?: Reason): NotActive => ({
  code,
  path: 'id',
  values: { id, ...(reason !== undefined && { reason }) },
})

export const notActiveFault = ({
  code,
  path,
  values: { reason = '–' },
}: NotActive): Fault & { readonly path: string } => faultAt(path, fault(`notActive.${code}`, { reason }))

export class NotActiveError extends Error {
  override name = 'NotActiveError'
  readonly fault: NotActive

  constructor(reason: NotActive) {
    const { id } = reason.values
    const { path: _, ...state } = notActiveFault(reason)
    super(messageOfFault(fault('notActive.of', { id: reason.code === 'unknown' ? quoted(id) : id, state })))
    this.fault = reason
  }
}
