/* Messages with the features and the defects that RFC 4475 and RFC 5118 test, written anew: one row a section. */
#ifndef TESTS_SIP_TORTURE_H
#define TESTS_SIP_TORTURE_H

#include <stdbool.h>
#include <stddef.h>

struct torture {
    const char *name;
    bool well_formed;
    const char *defect; /* one that must be among the reported; NULL: none may be reported at all */
    const char *text;
    size_t len;
};

#define SDP_TEXT                                                                                                         \
    "v=0\r\no=u 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"                                  \
    "m=audio 4000\r\n"
_Static_assert(sizeof SDP_TEXT - 1 == 83, "the body's length stands in the messages");

#define TOP_VIA "Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKtest1\r\n"
#define FROM_ANN "From: <sip:ann@example.org>;tag=f1\r\n"
#define TO_BEN "To: <sip:ben@example.net>\r\n"
#define CID "Call-ID: one@198.51.100.7\r\n"
#define MF "Max-Forwards: 70\r\n"
#define CON "Contact: <sip:ann@198.51.100.7>\r\n"
#define BODY "Content-Type: application/sdp\r\nContent-Length: 83\r\n\r\n" SDP_TEXT
#define NOBODY "Content-Length: 0\r\n\r\n"
#define URI "sip:ben@example.net"
#define ROW(name, good, defect, text) {name, good, defect, text, sizeof(text) - 1}

static const struct torture torture[] = {
    /* RFC 4475 3.1.1: valid messages */
    ROW("wsinv", true, "via-branch-cookie",
        "INVITE sip:ben@example.net;unheard SIP/2.0\r\nTO :\r\n sip:ben@example.net ;   tag    = 22\r\n"
        "from   : \"Ann \\\\\\\"\"      <sip:ann@example.org>\r\n  ;\r\n  tag = 9a\r\nMaX-fOrWaRdS: 0068\r\nCall-ID: ws.1@198.51.100.7\r\n"
        "Content-Length   : 83\r\ncseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    198.51.100.8;branch=77ab\r\n"
        "s :\r\nNewHeader:  new value\r\n goes on\r\nStrange: ;;,,;;,;\r\nContent-Type: application/sdp\r\n"
        "Route:\r\n <sip:edge.example.org;lr;unheard=of;bare>\r\n"
        "v:  SIP  / 2.0  / TCP     hop.example.org   ;\r\n  branch  =   z9hG4bK8  ,\r\n SIP  /    2.0   / UDP  198.51.100.9   ; branch=\r\n"
        " z9hG4bK9\r\nm:\"Quoted \\\"\\\"\" <sip:ann@example.org> ; new =\r\n   value ;\r\n  second ; q = 0.33\r\n\r\n" SDP_TEXT),
    ROW("intmeth", true, NULL,
        "!odd-Method09_*+`.%indeed'~ sip:1_odd.URI~(it-is!so)&isn't+it$/mad?,/;;*:&it+has=1,a!*pas$wo~d_.(no-it)@example.net SIP/2.0\r\n"
        "Via: SIP/2.0/TCP host1.example.org;branch=z9hG4bK-.!%66*_+`'~\r\n"
        "To: \"BEL:\\\a NUL:\\\0 DEL:\\\x7f\" <sip:1_odd.URI~(it-is!so)&isn't+it$/mad?,/;;*@example.net>\r\n"
        "From: token1~` token2'+_ token3*%!.- <sip:plain@example.org>;odd''~+*_!.-%=\"\xd1\x80\xd0\xb0\";tag=_token~1'+`*%!-.\r\n"
        "Call-ID: im.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\nCSeq: 139122385 !odd-Method09_*+`.%indeed'~\r\nMax-Forwards: 255\r\n"
        "odd-!.%*+_`'~: \xef\xbb\xbf\xe5\xa4\xa7\r\n" NOBODY),
    ROW("esc01", true, NULL,
        "INVITE sip:sips%3Aben%40example.net@example.org SIP/2.0\r\nTo: sip:%62e%6E@example.net\r\n"
        "From: <sip:has%20blanks@example.org>;tag=1\r\n" MF CID "CSeq: 1 INVITE\r\n" TOP_VIA
        "Contact: <sip:cal%6Cer@host5.example.org;%6C%72;n%61me=v%61lue%25%34%31>\r\n" BODY),
    ROW("escnull", true, NULL,
        "REGISTER sip:example.net SIP/2.0\r\nTo: sip:nul-%00-nul@example.net\r\nFrom: sip:nul-%00-nul@example.net;tag=8\r\n" MF CID
        "CSeq: 1 REGISTER\r\n" TOP_VIA "Contact: <sip:%00@host5.example.org>\r\nContact: <sip:%00%00@host5.example.org>\r\nL:0\r\n\r\n"),
    ROW("esc02", true, NULL,
        "RE%47IST%45R sip:registrar.example.net SIP/2.0\r\nTo: \"%Z%45\" <sip:rg@example.net>\r\nFrom: \"%Z%45\" <sip:rg@example.net>;tag=f2\r\n"
        MF CID "CSeq: 2 RE%47IST%45R\r\n" TOP_VIA "Contact: <sip:alias1@host1.example.org>\r\nContact: <sip:alias2@host2.example.org>\r\n" NOBODY),
    ROW("lwsdisp", true, NULL,
        "OPTIONS " URI " SIP/2.0\r\nTo: sip:ben@example.net\r\nFrom: caller<sip:caller@example.org>;tag=323\r\n" MF CID
        "CSeq: 60 OPTIONS\r\n" TOP_VIA "l: 0\r\n\r\n"),
    ROW("longreq", true, "via-branch-cookie",
        "INVITE " URI " SIP/2.0\r\nTo: \"A name of a person with very very very very very very very very very very very long parts\""
        "<sip:ben@example.net:6000;unheard1=veryverylongveryverylong;longname=short;verylongnamewithnothingbehinditatall>\r\n"
        "F: sip:amazinglyamazinglyamazinglyamazinglyamazinglyamazinglyamazinglyamazinglylongcaller@example.org"
        ";tag=129829829829829829829829829829829829829829829;unknownheaderparamnameunknownheaderparamname=veryveryvery;novalue\r\n"
        "Call-ID: long.one(really)longlonglonglonglonglonglonglonglonglonglonglonglonglong\r\nCSeq: 3882340 INVITE\r\n"
        "Unknown-LongLongLongLongLongLongLongLongLongLongLongLongLongLong-Name: long-long-value; a=long\r\n"
        "Via: SIP/2.0/TCP h33.example.org\r\nv: SIP/2.0/TCP h32.example.org\r\nV: SIP/2.0/TCP h31.example.org\r\n"
        "Via: SIP/2.0/TCP host.example.org;received=192.0.2.5;branch=verylongverylongverylongverylongverylongverylong\r\n"
        "Max-Forwards: 70\r\nContact: <sip:amazinglyamazinglyamazinglyamazinglylongcaller@host5.example.org>\r\n" BODY),
    ROW("dblreq", true, "sip-bytes-after-body",
        "REGISTER sip:example.net SIP/2.0\r\nTo: sip:j@example.net\r\nFrom: sip:j@example.net;tag=43\r\nMax-Forwards: 8\r\n"
        "I: dbl.0ha0\r\nContact: sip:j@host.example.org\r\nCSeq: 8 REGISTER\r\n" TOP_VIA "Content-Length: 0\r\n\r\n"
        "INVITE sip:joe@example.net SIP/2.0\r\nt: sip:joe@example.net\r\n\r\n"),
    ROW("semiuri", true, NULL,
        "OPTIONS sip:user;par=u%40example.org@example.net SIP/2.0\r\nTo: sip:j_user@example.net\r\nFrom: sip:c@example.org;tag=3\r\n"
        "Max-Forwards: 3\r\nCall-ID: semi.0ha0\r\nCSeq: 8 OPTIONS\r\nAccept: application/sdp, application/pkcs7-mime,\r\n"
        "        multipart/mixed, text/plain;q=0.5\r\n" TOP_VIA "l: 0\r\n\r\n"),
    ROW("transports", true, NULL,
        "OPTIONS " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 60 OPTIONS\r\n" TOP_VIA "Via: SIP/2.0/SCTP 192.0.2.1;branch=z9hG4bK2\r\n"
        "Via: SIP/2.0/TLS t4.example.org;branch=z9hG4bK3\r\nVia: SIP/2.0/UNHEARD t5.example.org;branch=z9hG4bK4\r\n"
        "Via: SIP/2.0/TCP t6.example.org;branch=z9hG4bK5\r\nl: 0\r\n\r\n"),
    ROW("mpart01", true, NULL,
        "MESSAGE " URI " SIP/2.0\r\n" TOP_VIA FROM_ANN TO_BEN MF CID "CSeq: 1 MESSAGE\r\nContent-Type: multipart/mixed;boundary=7a9c\r\n"
        "Content-Length: 90\r\n\r\n--7a9c\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9c\r\n"
        "Content-Type: a/b\r\n\r\n\x30\x82\0\x01\xff\xfe\r\n--7a9c--\r\n"),
    ROW("unreason", true, NULL,
        "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe\r\n" TOP_VIA CID "CSeq: 35 INVITE\r\n" FROM_ANN
        "To: sip:ben@example.net;tag=2229\r\nContact: <sip:ben@host198.example.net>\r\n" BODY),
    ROW("noreason", true, NULL,
        "SIP/2.0 100 \r\n" TOP_VIA CID "CSeq: 35 INVITE\r\n" FROM_ANN "To: sip:ben@example.net;tag=2229\r\n"
        "Contact: <sip:ben@host105.example.net>\r\nContent-Length: 0\r\n\r\n"),
    /* RFC 4475 3.1.2: invalid messages */
    ROW("badinv01", false, "sip-parameter-empty",
        "INVITE " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 8 INVITE\r\nVia: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n"
        "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\n" BODY),
    ROW("clerr", false, "content-length-mismatch",
        "INVITE " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 8 INVITE\r\n" TOP_VIA CON
        "Content-Type: application/sdp\r\nContent-Length: 9999\r\n\r\n" SDP_TEXT),
    ROW("ncl", false, "sip-content-length",
        "INVITE " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 8 INVITE\r\n" TOP_VIA CON
        "Content-Type: application/sdp\r\nContent-Length: -83\r\n\r\n" SDP_TEXT),
    ROW("scalar02", false, "sip-cseq-range",
        "REGISTER sip:example.net SIP/2.0\r\n" TOP_VIA TO_BEN "From: <sip:a@example.net>;tag=2\r\n" CID
        "CSeq: 36893488147419103232 REGISTER\r\nMax-Forwards: 300\r\nExpires: 10000000000000000000000000000000000000000\r\n"
        "Contact: <sip:a@host129.example.net>\r\n  ;expires=280297596632815\r\nContent-Length: 0\r\n\r\n"),
    ROW("scalarlg", false, "sip-number-range",
        "SIP/2.0 503 Service Unavailable\r\n" TOP_VIA TO_BEN FROM_ANN "CSeq: 9292394834772304023312 OPTIONS\r\n" CID
        "Retry-After: 949302838503028349304023988\r\nWarning: 1812 overture \"In Progress\"\r\n" NOBODY),
    ROW("quotbal", false, "sip-quote-open",
        "INVITE " URI " SIP/2.0\r\nTo: \"Mr. Ben <sip:ben@example.net>\r\n" FROM_ANN MF CID CON "CSeq: 8 INVITE\r\n" TOP_VIA BODY),
    ROW("ltgtruri", false, "sip-request-uri-brackets", "INVITE <" URI "> SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 INVITE\r\n" TOP_VIA CON BODY),
    ROW("lwsruri", false, "sip-request-uri-space", "INVITE " URI "; lr SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 INVITE\r\n" TOP_VIA CON BODY),
    ROW("lwsstart", false, "sip-start-line-space", "INVITE  " URI "  SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 INVITE\r\n" TOP_VIA CON BODY),
    ROW("trws", false, "sip-start-line-trailing-space", "OPTIONS " URI " SIP/2.0  \r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 OPTIONS\r\n" TOP_VIA NOBODY),
    ROW("escruri", false, "sip-request-uri-headers",
        "INVITE " URI "?Route=%3Csip:example.net%3E SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 INVITE\r\n" TOP_VIA CON BODY),
    ROW("baddate", false, "sip-date-zone",
        "INVITE " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 INVITE\r\n" TOP_VIA "Date: Fri, 02 Jan 2026 16:00:00 EST\r\n" CON BODY),
    ROW("regbadct", false, "sip-bracket-missing",
        "REGISTER sip:example.net SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 REGISTER\r\n" TOP_VIA
        "Contact: sip:ben@example.net?Route=%3Csip:sip.example.net%3E\r\nl: 0\r\n\r\n"),
    ROW("badaspec", false, "sip-bracket-space",
        "OPTIONS " URI " SIP/2.0\r\n" TOP_VIA MF FROM_ANN "To: \"Ben, B.\" < sip:ben@example.net >\r\n" CID "CSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"),
    ROW("baddn", false, "sip-display-name",
        "OPTIONS " URI " SIP/2.0\r\n" TOP_VIA MF "From:    Bee, Ann <sip:ann@example.org>;tag=43\r\n" TO_BEN CID "CSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"),
    ROW("badvers", false, "sip-version",
        "OPTIONS " URI " SIP/7.0\r\nVia: SIP/7.0/UDP c.example.org;branch=z9hG4bK1\r\n" MF FROM_ANN TO_BEN CID "CSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"),
    ROW("mismatch01", false, "cseq-method-mismatch", "OPTIONS " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 8 INVITE\r\n" TOP_VIA "l: 0\r\n\r\n"),
    ROW("mismatch02", false, "cseq-method-mismatch", "NEWMETHOD " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 8 INVITE\r\n" CON TOP_VIA BODY),
    ROW("bigcode", false, "sip-status-code",
        "SIP/2.0 4294967301 better not\r\n" TOP_VIA TO_BEN FROM_ANN CID "CSeq: 35 INVITE\r\nContact: <sip:ben@host105.example.net>\r\n" NOBODY),
    /* RFC 4475 3.2: transaction layer */
    ROW("badbranch", true, "sip-branch-bare",
        "OPTIONS " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n" CID "CSeq: 8 OPTIONS\r\nl: 0\r\n\r\n"),
    /* RFC 4475 3.3: application layer */
    ROW("insuf", false, "sip-header-missing", "INVITE " URI " SIP/2.0\r\nCSeq: 193942 INVITE\r\n" TOP_VIA BODY),
    ROW("unkscm", true, NULL, "OPTIONS noOneKnowsIt:opaque SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 OPTIONS\r\n" TOP_VIA NOBODY),
    ROW("novelsc", true, NULL, "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 OPTIONS\r\n" TOP_VIA NOBODY),
    ROW("unksm2", true, NULL,
        "REGISTER sip:example.net SIP/2.0\r\nTo: isbn:2983792873\r\nFrom: <http://www.example.org>;tag=32\r\n" CID
        "CSeq: 2 REGISTER\r\n" MF TOP_VIA "Contact: <name:Ann_Bee>\r\nl: 0\r\n\r\n"),
    ROW("bext01", true, NULL,
        "OPTIONS " URI " SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "Require: notThis, norThat\r\nProxy-Require: nobody, noneEither\r\n"
        "CSeq: 8 OPTIONS\r\n" TOP_VIA NOBODY),
    ROW("invut", true, NULL,
        "INVITE " URI " SIP/2.0\r\nContact: <sip:ann@host5.example.org>\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 INVITE\r\n" TOP_VIA
        "Content-Type: application/unheardof\r\nContent-Length: 24\r\n\r\n<audio>\r\n<g711/></audio>"),
    ROW("regaut01", true, NULL,
        "REGISTER sip:example.net SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 9338 REGISTER\r\n" TOP_VIA
        "Authorization: NoOneKnowsIt opaque-data=here\r\nContent-Length:0\r\n\r\n"),
    ROW("multi01", false, "duplicate-single-header",
        "INVITE " URI " SIP/2.0\r\n" CON TOP_VIA "Max-Forwards: 70\r\nCall-ID: multi.1\r\nCall-ID: multi.2\r\nCSeq: 5 INVITE\r\nCSeq: 59 INVITE\r\n"
        "To: <sip:one@example.net>\r\nTo: <sip:two@example.net>\r\n" FROM_ANN "From: <sip:two@example.org>;tag=2\r\nMax-Forwards: 5\r\n" BODY),
    ROW("mcl01", false, "sip-content-length-differs",
        "OPTIONS " URI " SIP/2.0\r\n" TOP_VIA TO_BEN FROM_ANN CID "CSeq: 1 OPTIONS\r\nContent-Length: 13\r\n" MF
        "Content-Length: 5\r\nContent-Type: text/plain\r\n\r\nNobody knows how many octets belong here.\r\n"),
    ROW("bcast", true, "sip-via-broadcast",
        "SIP/2.0 200 OK\r\n" TOP_VIA "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK2\r\n" CID "CSeq: 35 INVITE\r\n" FROM_ANN
        "To: sip:ben@example.net;tag=2\r\nContact: <sip:ben@host28.example.net>\r\n" BODY),
    ROW("zeromf", true, NULL, "OPTIONS " URI " SIP/2.0\r\n" TO_BEN FROM_ANN "Max-Forwards: 0\r\n" CID "CSeq: 1 OPTIONS\r\n" TOP_VIA NOBODY),
    ROW("cparam01", true, NULL,
        "REGISTER sip:example.net SIP/2.0\r\n" TOP_VIA MF FROM_ANN TO_BEN CID "CSeq: 2 REGISTER\r\nContact: sip:+19725550123@gw1.example.net;unheard\r\nl: 0\r\n\r\n"),
    ROW("cparam02", true, NULL,
        "REGISTER sip:example.net SIP/2.0\r\n" TOP_VIA MF FROM_ANN TO_BEN CID "CSeq: 3 REGISTER\r\nContact: <sip:+19725550123@gw1.example.net;unheard>\r\nl: 0\r\n\r\n"),
    ROW("regescrt", true, NULL,
        "REGISTER sip:example.net SIP/2.0\r\n" TO_BEN FROM_ANN MF CID "CSeq: 1 REGISTER\r\n" TOP_VIA
        "M: <sip:ben@example.net?Route=%3Csip:sip.example.net%3E>\r\nL:0\r\n\r\n"),
    ROW("sdp01", true, NULL,
        "INVITE " URI " SIP/2.0\r\n" TO_BEN CON FROM_ANN MF CID "Accept: text/nobodyKnowsIt\r\nCSeq: 8 INVITE\r\n" TOP_VIA BODY),
    /* RFC 4475 3.4: backward compatibility */
    ROW("inv2543", true, "sip-max-forwards-missing",
        "INVITE sip:UserB@example.net SIP/2.0\r\nVia: SIP/2.0/UDP gw.example.org\r\nFrom: <sip:+13035550111@example.org;user=phone>\r\n"
        "Record-Route: <sip:UserB@example.net;maddr=ss1.example.net>\r\nTo: sip:+16505550222@ss1.example.net;user=phone\r\n"
        "Call-ID: old.1717@example.org\r\nCSeq: 56 INVITE\r\nContent-Type: application/sdp\r\n\r\n" SDP_TEXT),
    /* RFC 5118 */
    ROW("ipv6-good", true, NULL,
        "REGISTER sip:[2001:db8::77] SIP/2.0\r\n" TO_BEN FROM_ANN "Via: SIP/2.0/UDP [2001:db8::7:1];branch=z9hG4bK1\r\n" CID MF
        "Contact: \"C\" <sip:c@[2001:db8::1]>\r\nCSeq: 98176 REGISTER\r\n" NOBODY),
    ROW("ipv6-bad", false, "sip-host-ipv6-unbracketed",
        "REGISTER sip:2001:db8::77 SIP/2.0\r\n" TO_BEN FROM_ANN TOP_VIA CID MF "CSeq: 1 REGISTER\r\n" NOBODY),
    ROW("port-ambiguous", true, "sip-host-ipv6-port-inside",
        "REGISTER sip:[2001:db8::77:5070] SIP/2.0\r\n" TO_BEN FROM_ANN TOP_VIA CID MF "CSeq: 1 REGISTER\r\n" NOBODY),
    ROW("port-unambiguous", true, NULL,
        "REGISTER sip:[2001:db8::77]:5070 SIP/2.0\r\n" TO_BEN FROM_ANN TOP_VIA CID MF "CSeq: 1 REGISTER\r\n" NOBODY),
    ROW("via-received-param-with-delim", true, NULL,
        "OPTIONS sip:[2001:db8::77] SIP/2.0\r\n" TO_BEN FROM_ANN
        "Via: SIP/2.0/UDP [2001:db8::7:1];received=[2001:db8::7:255];branch=z9hG4bK1\r\n" CID MF "CSeq: 1 OPTIONS\r\n" NOBODY),
    ROW("via-received-param-no-delim", true, NULL,
        "OPTIONS sip:[2001:db8::77] SIP/2.0\r\n" TO_BEN FROM_ANN
        "Via: SIP/2.0/UDP [2001:db8::7:1];received=2001:db8::7:255;branch=z9hG4bK1\r\n" CID MF "CSeq: 1 OPTIONS\r\n" NOBODY),
    ROW("ipv6-in-sdp", true, NULL,
        "INVITE sip:u@[2001:db8::77] SIP/2.0\r\n" TO_BEN FROM_ANN TOP_VIA CID MF CON "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n"
        "Content-Length: 35\r\n\r\nv=0\r\nc=IN IP6 2001:db8::20\r\nt=0 0\r\n"),
    ROW("mult-ip-in-header", true, NULL,
        "BYE sip:u@host.example.net SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::7:1]:6050;branch=z9hG4bK1\r\n"
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKk8;received=192.0.2.254\r\nMax-Forwards: 70\r\n" TO_BEN FROM_ANN CID "CSeq: 1 BYE\r\n" NOBODY),
    ROW("mult-ip-in-sdp", true, NULL,
        "INVITE sip:u@[2001:db8::77] SIP/2.0\r\n" TO_BEN FROM_ANN TOP_VIA CID MF CON "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n"
        "Content-Length: 47\r\n\r\nv=0\r\nc=IN IP4 192.0.2.1\r\nc=IN IP6 2001:db8::1\r\n"),
    ROW("ipv4-mapped-ipv6", true, NULL,
        "INVITE " URI " SIP/2.0\r\n" TO_BEN FROM_ANN "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bK9\r\n"
        "Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bK8\r\n" CID "Contact: \"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>\r\n"
        "CSeq: 612 INVITE\r\n" MF BODY),
    ROW("ipv6-bug-abnf-3-colons", true, "sip-host-ipv6-three-colons",
        "OPTIONS sip:u@[2001:db8:::192.0.2.1] SIP/2.0\r\nTo: sip:u@[2001:db8:::192.0.2.1]\r\n" FROM_ANN TOP_VIA CID MF "CSeq: 1 OPTIONS\r\n" NOBODY),
    ROW("ipv6-correct-abnf-2-colons", true, NULL,
        "OPTIONS sip:u@[2001:db8::192.0.2.1] SIP/2.0\r\nTo: sip:u@[2001:db8::192.0.2.1]\r\n" FROM_ANN TOP_VIA CID MF "CSeq: 1 OPTIONS\r\n" NOBODY),
};

enum { TORTURE_COUNT = sizeof torture / sizeof torture[0] };

#endif
