import { FaultError } from '../../domain/core/fault.ts'

/** The file as a whole cannot be read. */
export class FileError extends FaultError {
  override name = 'FileError'
}
