import { FaultError } from '../../domain/core/fault.ts'

export class FileError extends FaultError {
  override name = 'FileError'
}
