import { FaultError } from '../../../domain/core/fault.ts'

/** A report that trying again does not make. Its fault is meant for readers. */
export class RefusedReportError extends FaultError {
  override name = 'RefusedReportError'
}
