/** A secret that is a key: 64 hexadecimal digits, which is 256 bits. */
import type { SecretStringGenerator } from 'aws-cdk-lib/aws-secretsmanager'

export const hexKey: SecretStringGenerator = {
  passwordLength: 64,
  excludePunctuation: true,
  excludeUppercase: true,
  excludeCharacters: 'ghijklmnopqrstuvwxyz',
}
