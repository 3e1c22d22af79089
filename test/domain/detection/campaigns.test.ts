/** When two names are of one campaign. */
import { expect, test } from 'vitest'
import { sameCampaign } from '../../../lambdas/domain/detection/campaigns.ts'

test('a campaign is the same in any case and with blanks around it; what has no name is of none', () => {
  expect(sameCampaign('BIG', ' big ')).toBe(true)
  expect(sameCampaign('BIG', 'RRN')).toBe(false)
  expect(sameCampaign(undefined, undefined)).toBe(false)
})
