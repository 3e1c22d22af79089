/** What the command line prints about mails on a laptop. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newFolder, vigie, vigieJson, writeNdjson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'

test('a report names readers without clearance, and a sent mail its file in the outbox', async () => {
  const { folder, remove } = await newFolder()
  const options = { cwd: folder, env: { VIGIE_HOME: join(folder, 'home') } }
  for (const [name, clearance] of [
    ['prefet', 'AMBER'],
    ['maire', 'GREEN'],
  ] as const) {
    const reader = ['--territory', 'NC', '--clearance', clearance]
    await vigieJson(['recipients', 'add', `${name}@example.org`, ...reader], options)
  }
  await vigieJson(['ingest', await writeNdjson(join(folder, 'one.ndjson'), input())], options)
  const deliver = async (...more: readonly string[]) =>
    (await vigie(['report', 'NC', '2024-W20', '--deliver', ...more], options)).stdout
  expect(await deliver()).toContain('1 written to the outbox\n1 reader is not cleared for this edition\n')
  expect(await deliver('--cap', 'GREEN')).not.toContain('not cleared')
  const [delivery] = await vigieJson<readonly { readonly id: string; readonly file: string }[]>(
    ['deliveries', 'list'],
    options,
  )
  expect(delivery).toMatchObject({ state: 'SENT', file: `outbox/${delivery?.id}.eml` })
  expect((await vigie(['deliveries', 'list'], options)).stdout).toContain(`written to outbox/${delivery?.id}.eml`)
  await remove()
})
