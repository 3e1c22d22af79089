import { expect, test } from 'vitest'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { draftFacts } from '../../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../../support/cli.ts'
import { openServices } from '../../support/services.ts'

test('a report has at most 400 days', async () => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder)
  try {
    opened.at('2024-05-20T12:00:00.000Z')
    const draft = (period: string) =>
      draftFacts({ territory: 'NC', period: parsePeriod(period), cap: 'TLP:AMBER' }, opened.services)
    await expect(draft('2024-05-13--2999-01-01')).rejects.toMatchObject({ fault: { code: 'period.tooLong' } })
    await expect(draft('2023-01-01--2024-02-05')).rejects.toMatchObject({ fault: { values: { days: 401, max: 400 } } })
    expect((await draft('2023-01-01--2024-02-04')).period.id).toBe('2023-01-01--2024-02-04')
  } finally {
    await opened.close()
    await remove()
  }
})
