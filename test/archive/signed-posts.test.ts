/** Forms for S3: signed as in the AWS documentation, with every field in the policy. */
import { expect, test } from 'vitest'
import { postedPlates } from '../../lambdas/archive/pictures.s3.ts'
import { postFields, signatureOf } from '../../lambdas/archive/signed-posts.s3.ts'
import { now } from '../support/clock.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html, with the line ends that it asks for. */
const example = [
  '{ "expiration": "2015-12-30T12:00:00.000Z",',
  '  "conditions": [',
  '    {"bucket": "sigv4examplebucket"},',
  '    ["starts-with", "$key", "user/user1/"],',
  '    {"acl": "public-read"},',
  '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
  '    ["starts-with", "$Content-Type", "image/"],',
  '    {"x-amz-meta-uuid": "14365123651274"},',
  '    {"x-amz-server-side-encryption": "AES256"},',
  '    ["starts-with", "$x-amz-meta-tag", ""],',
  '',
  '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
  '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
  '    {"x-amz-date": "20151229T000000Z" }',
  '  ]',
  '}',
].join('\r\n')

test('gives the signature of the documentation’s example', () => {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  }
  const policy = Buffer.from(example).toString('base64')
  expect(signatureOf(policy, '20151229', { credentials, region: 'us-east-1' })).toBe(
    '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
  )
})

test('has a condition for each field, the bucket and the size, and ends after five minutes', () => {
  const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'of the role' }
  const fields = postFields(
    { key: 'incoming/1', most: 20, back: 'https://room.example/x?sent=1' },
    'pictures',
    { credentials, region: 'eu-west-3' },
    new Date('2024-05-15T10:00:00.000Z'),
  )
  const { policy = '', 'x-amz-signature': signature, ...others } = Object.fromEntries(fields)
  const { expiration, conditions } = JSON.parse(Buffer.from(policy, 'base64').toString())
  expect(expiration).toBe('2024-05-15T10:05:00.000Z')
  expect(conditions).toEqual([
    { bucket: 'pictures' },
    ...Object.entries(others).map(([name, value]) => ({ [name]: value })),
    ['content-length-range', 1, 20],
  ])
  expect(others).toMatchObject({
    'x-amz-date': '20240515T100000Z',
    'x-amz-credential': 'ASIA/20240515/eu-west-3/s3/aws4_request',
    'x-amz-security-token': 'of the role',
  })
  expect(signature).toMatch(/^[0-9a-f]{64}$/)
})

test('sends a form to the bucket’s regional address', async () => {
  const config = { region: 'eu-west-3', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  const { action, fields } = await postedPlates(config, 'pictures')('id', 'https://room.example/', now())
  expect(action).toBe('https://pictures.s3.eu-west-3.amazonaws.com/')
  expect(Object.fromEntries(fields).key).toBe('incoming/id')
})
