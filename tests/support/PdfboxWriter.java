// Files as PDFBox and Bouncy Castle write them: "make OUT", "sign IN OUT KEY.p12 PASSPHRASE hidden|visible",
// "fill IN OUT NAME VALUE", "draw IN OUT" (a line of text more on page 1). All but "make" save incrementally.
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Calendar;
import javax.imageio.ImageIO;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationWidget;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureOptions;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.visible.PDVisibleSigProperties;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.visible.PDVisibleSignDesigner;
import org.apache.pdfbox.pdmodel.interactive.form.PDAcroForm;
import org.apache.pdfbox.pdmodel.interactive.form.PDTextField;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;

public class PdfboxWriter {
  public static void main(String[] a) throws Exception {
    if (a[0].equals("make")) {
      make(a[1]);
      return;
    }
    try (PDDocument document = PDDocument.load(new File(a[1])); FileOutputStream out = new FileOutputStream(a[2])) {
      if (a[0].equals("sign")) sign(document, a[3], a[4].toCharArray(), a[5].equals("visible"));
      if (a[0].equals("fill")) fill(document, a[3], a[4]);
      if (a[0].equals("draw")) draw(document);
      document.saveIncremental(out);
    }
  }

  static void make(String path) throws Exception {
    try (PDDocument document = new PDDocument()) {
      PDPage page = new PDPage(PDRectangle.A4);
      document.addPage(page);
      PDAcroForm form = new PDAcroForm(document);
      document.getDocumentCatalog().setAcroForm(form);
      PDResources resources = new PDResources();
      resources.put(COSName.getPDFName("Helv"), PDType1Font.HELVETICA);
      form.setDefaultResources(resources);
      form.setDefaultAppearance("/Helv 10 Tf 0 g");
      PDTextField field = new PDTextField(form);
      field.setPartialName("note");
      field.setDefaultAppearance("/Helv 10 Tf 0 g");
      PDAnnotationWidget widget = field.getWidgets().get(0);
      widget.setRectangle(new PDRectangle(50, 300, 200, 20));
      widget.setPage(page);
      widget.setPrinted(true);
      page.getAnnotations().add(widget);
      form.getFields().add(field);
      text(document, page, "The monthly wage is 8000 yuan.");
      document.save(path);
    }
  }

  static void text(PDDocument document, PDPage page, String line) throws Exception {
    try (PDPageContentStream content =
             new PDPageContentStream(document, page, PDPageContentStream.AppendMode.APPEND, true)) {
      content.beginText();
      content.setFont(PDType1Font.HELVETICA, 12);
      content.newLineAtOffset(50, 500);
      content.showText(line);
      content.endText();
    }
  }

  static void fill(PDDocument document, String name, String value) throws Exception {
    PDAcroForm form = document.getDocumentCatalog().getAcroForm();
    PDTextField field = (PDTextField) form.getField(name);
    field.setValue(value);
    COSDictionary dictionary = field.getCOSObject();
    dictionary.setNeedToBeUpdated(true);
    COSDictionary look = (COSDictionary) dictionary.getCOSDictionary(COSName.AP);
    look.setNeedToBeUpdated(true);
    look.getCOSStream(COSName.N).setNeedToBeUpdated(true);
  }

  static void draw(PDDocument document) throws Exception {
    PDPage page = document.getPage(0);
    text(document, page, "and 1000 yuan in winter.");
    // Only what is reached through marked objects is saved.
    document.getDocumentCatalog().getCOSObject().setNeedToBeUpdated(true);
    document.getPages().getCOSObject().setNeedToBeUpdated(true);
    page.getCOSObject().setNeedToBeUpdated(true);
  }

  static void sign(PDDocument document, String file, char[] passphrase, boolean visible) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (FileInputStream in = new FileInputStream(file)) {
      store.load(in, passphrase);
    }
    String alias = store.aliases().nextElement();
    PrivateKey key = (PrivateKey) store.getKey(alias, passphrase);
    java.security.cert.Certificate[] chain = store.getCertificateChain(alias);
    PDSignature signature = new PDSignature();
    signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
    signature.setSubFilter(PDSignature.SUBFILTER_ADBE_PKCS7_DETACHED);
    signature.setName("PDFBox");
    signature.setSignDate(Calendar.getInstance());
    SignatureOptions options = new SignatureOptions();
    options.setPreferredSignatureSize(16000);
    if (visible) {
      BufferedImage image = new BufferedImage(100, 50, BufferedImage.TYPE_INT_RGB);
      image.createGraphics().setColor(Color.RED);
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(image, "png", png);
      PDVisibleSignDesigner designer =
          new PDVisibleSignDesigner(document, new ByteArrayInputStream(png.toByteArray()), 1);
      designer.xAxis(100).yAxis(600).width(150).height(75);
      PDVisibleSigProperties properties = new PDVisibleSigProperties();
      properties.signerName("PDFBox").preferredSize(0).page(1).visualSignEnabled(true).setPdVisibleSignature(designer);
      properties.buildSignature();
      options.setVisualSignature(properties.getVisibleSignature());
      options.setPage(0);
    }
    document.addSignature(signature, (InputStream content) -> {
      try {
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(new JcaSimpleSignerInfoGeneratorBuilder().build(
            key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA", key, (X509Certificate) chain[0]));
        generator.addCertificates(new JcaCertStore(Arrays.asList(chain)));
        return generator.generate(new CMSProcessableByteArray(content.readAllBytes()), false).getEncoded();
      } catch (Exception error) {
        throw new java.io.IOException(error);
      }
    }, options);
  }
}
