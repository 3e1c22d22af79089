import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { type Fault } from '../../lambdas/domain/core/fault.ts'

/** The English text of a fault; undefined where there is none. */
export const textOf = (fault: Fault | undefined): string | undefined => fault && faultText(fault)

/** Where a fault is, and its English text. */
export const inWords = (fault: Fault | undefined): { readonly path?: string; readonly message: string } | undefined =>
  fault && { ...(fault.path !== undefined && { path: fault.path }), message: faultText(fault) }
