/**
 * What runs a function's bundle in its process: asks the Runtime API for invocations, calls the handler, gives its
 * answers back.
 */
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { machineMs } from './clock.ts'

const { AWS_LAMBDA_RUNTIME_API: address, LAMBDA_TASK_ROOT: root = '', _HANDLER: handlerName = '' } = process.env
const api = `http://${address}/2018-06-01/runtime`

const told = (error: unknown): string => {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack.split('\n') })
}

const post = async (path: string, body: string): Promise<void> => {
  await fetch(`${api}${path}`, { method: 'POST', body })
}

const load = async () => {
  const [file = '', name = ''] = handlerName.split('.')
  // One bundle is started many times, and killed as often: what was compiled is kept at once.
  enableCompileCache(join(root, '..', 'compiled'))
  const module = (await import(pathToFileURL(join(root, `${file}.mjs`)).href)) as Record<string, unknown>
  flushCompileCache()
  const handler = module[name]
  if (typeof handler !== 'function') throw new Error(`${handlerName} is not there`)
  return handler as (event: unknown, context: unknown) => Promise<unknown>
}

const handler = await load().catch(async (error: unknown) => {
  await post('/init/error', told(error))
  process.exit(1)
})

for (;;) {
  const next = await fetch(`${api}/invocation/next`)
  const id = next.headers.get('lambda-runtime-aws-request-id') ?? ''
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'))
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    getRemainingTimeInMillis: () => deadline - machineMs(),
  }
  try {
    await post(`/invocation/${id}/response`, JSON.stringify((await handler(await next.json(), context)) ?? null))
  } catch (error) {
    await post(`/invocation/${id}/error`, told(error))
  }
}
