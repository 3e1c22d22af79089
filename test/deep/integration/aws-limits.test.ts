/**
 * generate's bundle under Lambda's limits, where this machine can set them: it prints, or fails with a cause and leaves
 * the message.
 */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Instance, startInstance } from '../../support/lambda.ts'
import { codeInside, inSandbox, insideOf, limits, userInside, whyNoSandbox } from '../../support/sandbox.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const why = whyNoSandbox(root)

let stack: StackHere
const instances: Instance[] = []
beforeAll(async () => {
  if (why === undefined) stack = await startStack(await sharedAssembly())
})
afterAll(async () => {
  for (const one of instances) await one.close()
  await stack?.close()
})

const generateWithin = async (temporaryMb: number): Promise<Instance> => {
  const spec = stack.spec('Generate')
  const made = await startInstance({
    ...spec,
    folder: spec.folder,
    env: { ...spec.env, TMPDIR: '/tmp', LAMBDA_TASK_ROOT: codeInside },
    within: inSandbox({ folder: spec.folder, temporaryMb }),
  })
  instances.push(made)
  return made
}
const megabytes = (bytes: number) => Math.round(bytes / 1_048_576)
const ask = async (period: string) =>
  stack.send(stack.queue('ReportsQueue'), { kind: 'requested', territory: 'NC', period })

describe.skipIf(why !== undefined)(`under Lambda's limits${why === undefined ? '' : ` (not tried: ${why})`}`, () => {
  test('reports are printed from read-only code, without shared memory, in the /tmp that the stack gives', async () => {
    const { template } = await sharedAssembly()
    const generate = await generateWithin(sizeOf(template))
    for (const period of ['2024-W20', '2024-W21', '2024-05']) await ask(period)
    const invoked = await stack.pump(stack.queue('ReportsQueue'), [generate])
    expect([invoked.map((one) => ('value' in one ? one.value : one.error)), generate.log()]).toEqual([
      Array.from({ length: 3 }, () => ({ batchItemFailures: [] })),
      expect.stringContaining('"message":"made"'),
    ])
    expect(await stack.waiting(stack.queue('ReportsDeadLettersQueue'))).toBe(0)
    const pdfs = (await stack.keys(stack.outputs.ArchiveBucket ?? '')).filter((key) => key.endsWith('.pdf'))
    expect(pdfs).toHaveLength(6)
    const { temporary, ...inside } = await insideOf(generate.pid() ?? 0)
    expect(inside).toEqual({ user: userInside, ...limits, isCodeReadOnly: true, isShmReadOnly: true })
    expect(megabytes(temporary.size)).toBe(sizeOf(template))
    // Three reports on, half of it is free: what a print leaves does not add up.
    expect(megabytes(temporary.used)).toBeLessThan(sizeOf(template) / 2)
  })

  test('a /tmp in which the browser has no room is a failure with its cause, and the message comes again', async () => {
    const generate = await generateWithin(64)
    await ask('2024-W22')
    const [message] = await stack.peek(stack.queue('ReportsQueue'))
    const invoked = await generate.invoke(message)
    expect(invoked).toMatchObject({
      value: { batchItemFailures: [{ itemIdentifier: message?.Records[0]?.messageId }] },
    })
    expect(generate.log()).toMatch(/no space left|ENOSPC/i)
    expect(await stack.waiting(stack.queue('ReportsQueue'))).toBe(1)
  })
})

/** Of /tmp, in megabytes. */
const sizeOf = (template: Awaited<ReturnType<typeof sharedAssembly>>['template']): number =>
  Object.entries(template.Resources).find(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith('Generate'),
  )?.[1].Properties.EphemeralStorage.Size
