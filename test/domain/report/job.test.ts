/** Reasons as readers are told them: what they may know stays, and no place of ours. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reasonTold } from '../../../lambdas/domain/report/job.ts'

describe('the reason of a job', () => {
  test.each([
    [
      'User: arn:aws:sts::123456789012:assumed-role/generate/x is not authorized on arn:aws:dynamodb:eu-west-3:1:table/T',
      'User: … is not authorized on …',
    ],
    ["ENOENT: no such file, open '/home/jean dupont/vigie/report.json'", "ENOENT: no such file, open '…'"],
    ['/home/jean dupont/vigie/x cannot be archived', '… cannot be archived'],
    ['C:\\Users\\Ana\\vigie cannot be written', '…'],
    ['\\\\server\\share\\x is away', '…'],
    ['s3://vigie-archive/reports/x stopped; https://sqs.eu-west-3.amazonaws.com/1/q too', '… stopped; … too'],
    ['v0001 is held: page 2 is blank (its files lie beside /home/a b/archive)', 'v0001 is held: page 2 is blank'],
    ['~/vigie and ../x and ./y/z', '… and … and …'],
  ])('%s', (reason, told) => expect(reasonTold(reason)).toBe(told))

  test.each([
    'NC/2024-W20/amber/v0001 is held: page 2 is blank; 3 / 4 sheets and/or U+12000',
    '"><script>alert(1)</script>',
    '2024-W60 does not exist: 2024 has the ISO weeks W01 to W52',
  ])('keeps %s', (reason) => expect(reasonTold(reason)).toBe(reason))

  test('holds no ARN and no path, wherever they stand', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    const arn = fc.tuple(word, word).map(([a, b]) => `arn:aws:${a}:eu-west-3:123456789012:${b}/secret`)
    const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}/secret`)
    const quoted = path.map((one) => `'${one.replace('/', '/a b/')}'`)
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            word.filter((one) => one !== 'secret'),
            arn,
            path,
            quoted,
          ),
        ),
        (words) => {
          expect(reasonTold(words.join(' '))).not.toMatch(/secret|arn:|\//)
        },
      ),
    )
  })
})
