/** A large NDJSON file needs no more memory than its largest lines: it is read as a stream. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IngestJson, jsonOf, newFolder, vigie } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'

const skipped = process.env.VIGIE_SKIP_MEMORY === '1'
const megabyte = 1024 ** 2

const telling = fileURLToPath(new URL('../../../bench/print-peak.ts', import.meta.url))

let folder: string
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  cleanUp = made.remove
})

afterAll(() => cleanUp())

/** A file of so many bytes, in lines of about 20 KB or of a given size. */
const write = async (name: string, bytes: number, line = 20_000): Promise<string> => {
  const file = join(folder, name)
  const stream = createWriteStream(file)
  for (let written = 0, at = 0; written < bytes; at += 1) {
    const accountRefs = Array.from(
      { length: Math.ceil(line / 60) },
      (_, account) => `${at}-${account}-${'x'.repeat(45)}`,
    )
    const text = `${JSON.stringify(input({ id: `${name}-${at}`, accountRefs }))}\n`
    written += text.length
    if (!stream.write(text)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'close')
  return file
}

const peakOf = async (file: string, heap: number): Promise<number> => {
  const ran = await vigie(['ingest', file, '--home', `${file}-home`, '--json'], {
    env: { NODE_OPTIONS: `--import="${telling}" --max-old-space-size=${heap}` },
  })
  expect(ran.stderr).toContain('peak')
  expect(jsonOf<IngestJson>(ran)).toMatchObject({ rejected: 0, failed: [] })
  return Number(/peak (\d+)/.exec(ran.stderr)?.[1])
}

describe.skipIf(skipped)('a large file (skipped with VIGIE_SKIP_MEMORY=1)', () => {
  it('of 32 MB goes through with a heap of 80 MB, and needs little more than one of a quarter', async () => {
    const small = await peakOf(await write('small', 8 * megabyte), 80)
    const large = await peakOf(await write('large', 32 * megabyte), 80)
    expect(large / small).toBeLessThan(1.4)
  })

  it('of lines of 1 MB goes through with a heap of 120 MB', async () => {
    await peakOf(await write('wide', 24 * megabyte, megabyte), 120)
  })
})
