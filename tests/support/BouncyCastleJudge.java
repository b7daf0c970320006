// Verifies detached CMS signatures: pairs of files "CMS CONTENT"; prints "valid ALGORITHM" or "invalid REASON" for each.
import java.io.File;
import java.nio.file.Files;
import java.security.Security;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

public class BouncyCastleJudge {
  public static void main(String[] files) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    for (int i = 0; i + 1 < files.length; i += 2) {
      try {
        byte[] content = Files.readAllBytes(new File(files[i + 1]).toPath());
        CMSSignedData data =
            new CMSSignedData(new CMSProcessableByteArray(content), Files.readAllBytes(new File(files[i]).toPath()));
        SignerInformation signer = data.getSignerInfos().getSigners().iterator().next();
        X509CertificateHolder certificate =
            (X509CertificateHolder) data.getCertificates().getMatches(signer.getSID()).iterator().next();
        boolean valid = signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate));
        System.out.println((valid ? "valid " : "invalid ") + signer.getDigestAlgOID() + " " + signer.getEncryptionAlgOID());
      } catch (Exception error) {
        System.out.println("invalid " + error);
      }
    }
  }
}
