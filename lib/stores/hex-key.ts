/** A secret key of 256 bits, as 64 hexadecimal digits. */
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { SecretStringGenerator } from 'aws-cdk-lib/aws-secretsmanager'

export const hexKey: SecretStringGenerator = {
  passwordLength: 64,
  excludePunctuation: true,
  excludeUppercase: true,
  excludeCharacters: 'ghijklmnopqrstuvwxyz',
}

/** Lets a function read a secret; the CDK's grant also allows describing it. */
export const grantSecret = (
  secret: { readonly secretArn: string; readonly encryptionKey?: IKey | undefined },
  grantee: IGrantable,
): void => {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] }),
  )
  secret.encryptionKey?.grantDecrypt(grantee)
}
