/** A report that a detection stops names the detection. */
import { expect, test } from 'vitest'
import { baseAt, revisionKey } from '../../lambdas/store/table/keys.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, openServices, reportFrom } from '../support/services.ts'

test.each([
  ['with a broken body', '{', 'detection d-17, revision 1, cannot be read from the store'],
  ['with a broken time', undefined, 'detection d-17, revision 1, cannot be counted'],
])('a detection %s stops the reports of its territory until it is withdrawn', async (_, broken, message) => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder)
  try {
    await ingestInto(opened, [input({ id: 'd-17', observed: { from: '2024-05-15T00:00:00Z' } }), input({ id: 'd-18' })])
    const key = revisionKey(baseAt('NC', '2024-05-15T00:00:00.000Z', 'd-17'), 1)
    const item = await opened.table.get(key)
    if (!item) throw new Error('the detection is not stored')
    const { json } = item.body as { readonly json: string }
    await opened.table.put({ ...item, ...key, body: { json: broken ?? json.replaceAll('2024-05-15T', '2024-15-05T') } })
    await expect(reportFrom(opened, 'NC', '2024-W20')).rejects.toThrow(message)
    const withdrawal = { by: 'a test', reason: 'broken' }
    await opened.services.detections.withdraw('d-17', withdrawal, new Date('2024-05-20T00:00:00Z'))
    expect((await reportFrom(opened, 'NC', '2024-W20')).totals.detections).toBe(1)
  } finally {
    await opened.close()
    await remove()
  }
})
