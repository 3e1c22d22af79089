/** The stand-ins have the size limits of AWS (test/support/aws-limits.json). */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import aws from '../support/aws-limits.json' with { type: 'json' }
import { newFolder } from '../support/cli.ts'
import { serveHttpApi } from '../support/http-api.ts'
import { startInstance } from '../support/lambda.ts'

const { invocation, apiPayload, apiHeaders } = aws.limits

test('a function accepts and returns at most 6 MB', async () => {
  const { folder, remove } = await newFolder()
  await writeFile(join(folder, 'index.mjs'), `export const handler = async ({ bytes }) => 'x'.repeat(bytes)`)
  const spec = { name: 'F', folder, handler: 'index.handler', timeoutMs: 10_000, memoryMb: 128, env: {} }
  const instance = await startInstance(spec)
  // A text has two quotation marks in JSON.
  expect(await instance.invoke({ bytes: invocation.limit - 2 })).toHaveProperty('value')
  expect(await instance.invoke({ bytes: invocation.limit - 1 })).toMatchObject({
    error: { errorType: 'Function.ResponseSizeTooLarge' },
  })
  expect(await instance.invoke({ bytes: 1, text: 'x'.repeat(invocation.limit) })).toMatchObject({
    error: { errorType: 'RequestTooLargeException' },
  })
  await instance.close()
  await remove()
})

test.each([
  ['a body of 10 MB', apiPayload.limit, 0, 200],
  ['a larger body', apiPayload.limit + 1, 0, 413],
  ['headers of 10,240 bytes', 1, apiHeaders.limit, 431],
])('an HTTP API answers %s', async (_, bytes, inHeader, status) => {
  const Target = { 'Fn::Join': ['', ['integrations/', { Ref: 'Worker' }]] }
  const Resources = {
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { ApiId: { Ref: 'FrontApi' }, RouteKey: 'POST /', Target },
    },
    Worker: { Type: 'AWS::ApiGatewayV2::Integration', Properties: { IntegrationUri: { 'Fn::GetAtt': ['F', 'Arn'] } } },
  }
  const open = async () => ({
    invoke: async () => ({ value: { statusCode: 200 }, ms: 0 }),
    log: () => '',
    kill: () => {},
    pid: () => undefined,
    close: async () => {},
  })
  const here = await serveHttpApi({ Resources, Outputs: {} }, 'Front', open)
  const headers = { 'x-long': 'x'.repeat(inHeader) }
  const answer = await fetch(here.url, { method: 'POST', body: Buffer.alloc(bytes), headers })
  expect(answer.status).toBe(status)
  await here.close()
})
