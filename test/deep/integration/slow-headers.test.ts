/** A request whose headers come slowly is cut: each holds a connection of the one process. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { serve } from '../../../bin/cli/home/server.ts'
import { newFolder } from '../../support/cli.ts'
import { openServices } from '../../support/services.ts'

test('a request with unfinished headers is cut after 15 seconds', { timeout: 40_000 }, async () => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder)
  const stop = new AbortController()
  const served = await serve({ port: 0 }, { ...opened.context, stopping: stop.signal })
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1').resume()
  await once(socket, 'connect')
  const begun = performance.now()
  socket.write('GET / HTTP/1.1\r\n')
  const drip = setInterval(() => socket.write('x: y\r\n'), 1_000)
  socket.on('error', () => undefined)
  await once(socket, 'close')
  clearInterval(drip)
  expect(performance.now() - begun).toBeGreaterThan(14_000)
  expect(performance.now() - begun).toBeLessThan(25_000)
  stop.abort()
  await served.ended
  await opened.close()
  await remove()
})
