// oxlint-disable-next-line no-restricted-imports -- the one file that may
import { Logger } from '@aws-lambda-powertools/logger'
import type { FunctionName } from '../config/env.ts'
import type { LogFields } from '../usecases/log.ts'

type Write = (message: string, ...fields: LogFields[]) => void

export type FunctionLogger = Pick<Logger, 'addContext'> & {
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

export const openLogger = (serviceName: FunctionName, stage: string): FunctionLogger =>
  new Logger({ serviceName, persistentKeys: { stage } })
