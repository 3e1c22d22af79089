/**
 * Where faults are injected: homes in a folder of their own, and the stack on stand-ins, opened when a row first asks.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { archiveBucket } from '../../lambdas/archive/archive.s3.ts'
import { openTable } from '../../lambdas/store/table/table.dynamodb.ts'
import { type Services, servicesOn } from '../../lambdas/usecases/services.ts'
import { credentials, region } from '../support/aws.ts'
import { newFolder, type Ran, type RunOptions, startVigie, vigie } from '../support/cli.ts'
import { type StackHere, type Synthesised, startStack } from '../support/stack-here.ts'
import { unmountAll } from './small-disk.ts'

export type StageGround = {
  readonly stack: StackHere
  /** The use cases' services on what the stage keeps; they print nothing. */
  readonly services: Services
  /** Runs the command line on the stage. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  start(args: readonly string[]): ReturnType<typeof startVigie>
}

export type Grounds = {
  /** A folder that nobody else uses. */
  folder(): string
  stage(): Promise<StageGround>
  /** A number that no other row was given: for ids, addresses and weeks of its own. */
  number(): number
  close(): Promise<void>
}

export const openGrounds = async (assembly: (folder: string) => Promise<Synthesised>): Promise<Grounds> => {
  const { folder, remove } = await newFolder()
  // A run that is stopped leaves nothing behind either.
  const leave = () => {
    unmountAll()
    rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', leave)
  let numbers = 0
  let opened: Promise<StageGround & { close(): Promise<void> }> | undefined
  const number = () => {
    numbers += 1
    return numbers
  }
  return {
    number,
    folder: () => join(folder, `f-${number()}`),
    stage: () => {
      opened ??= assembly(join(folder, 'assembly')).then((made) => openStage(made, join(folder, 'stage-home')))
      return opened
    },
    close: async () => {
      await (await opened)?.close()
      process.off('exit', leave)
      await remove()
    },
  }
}

const openStage = async (assembly: Synthesised, home: string) => {
  const stack = await startStack(assembly)
  const client = { region, credentials }
  const table = openTable({ ...client, endpoint: stack.table.endpoint }, stack.outputs.TableName ?? '')
  const archive = archiveBucket(
    { ...client, endpoint: stack.services.endpoint, forcePathStyle: true },
    stack.outputs.ArchiveBucket ?? '',
  )
  const printer = {
    print: () => {
      throw new Error('whoever looks at what a fault has done prints nothing')
    },
  }
  const env = { ...stack.env, VIGIE_HOME: home }
  const onStage = (args: readonly string[]) => [...args, '--stage', 'test']
  return {
    stack,
    services: servicesOn({ table, archive, printer, signer: stack.signer, run: 'faults' }),
    run: (args: readonly string[], options: RunOptions = {}) =>
      vigie(onStage(args), { ...options, env: { ...env, ...options.env } }),
    start: (args: readonly string[]) => startVigie(onStage(args), { env }),
    close: async () => {
      table.close()
      archive.close()
      await stack.close()
    },
  }
}
